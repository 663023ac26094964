# Start-up of a pooled bash: the user's login files, then the gate where the shell waits for its lease.
#
# `bash --posix --login` reads this file through $ENV and nothing else. It leaves posix mode, reads the login files in
# bash's own order at top level (so that `declare` there stays global), says that it is ready, and waits for a
# lease on a FIFO before bash loads the history and draws its first prompt. SYNK_GATE is <private directory>/<token>.
#
# All of it is one compound command: bash has parsed it before the user's first alias exists. From then on builtins are
# called through `builtin`, so that the user's functions do not stand in for them.
{
    builtin set +o posix
    # Left over from posix mode: an option, and defaults that differ from those of a plain bash.
    builtin shopt -u inherit_errexit 2>/dev/null
    [[ ${HISTFILE-} == ~/.sh_history ]] && HISTFILE=~/.bash_history
    [[ ${MAILCHECK-} == 600 ]] && MAILCHECK=60

    __synk_directory=$SYNK_GATE
    builtin unset -v ENV SYNK_GATE
    if [[ ${SYNK_GATE_ENV+set} ]]; then
        builtin export ENV="$SYNK_GATE_ENV"
        builtin unset -v SYNK_GATE_ENV
    fi

    # Called once, after the user's files, with the status they ended with. Standard output and error are /dev/null here,
    # which also takes what `set -x` and a DEBUG trap print about our lines; the terminal's are 61 and 62.
    # Reads the lease from 60 and answers on 63; returns the status. Ends the shell if the host has gone.
    function __synk_gate {
        # What would bend the lines below is set aside, and put back at the end. Plain assignments first: with `set -k`
        # those that stand as arguments would be taken away.
        __synk_flags=${-//[^aefkuvxCET]/}
        if declare -F builtin; then
            __synk_shadow=$(declare -pf builtin)
            unset -f builtin
        fi
        builtin set +aefkuvxCET
        builtin local __synk_status="$1" __synk_aliases= REPLY
        [[ $__synk_file ]] || __synk_status=$__synk_code
        [[ :$BASHOPTS: == *:expand_aliases:* ]] && __synk_aliases=on
        builtin shopt -u expand_aliases
        builtin local __synk_signals= __synk_traps= __synk_signal __synk_interrupt= __synk_debug=
        [[ -s $__synk_directory/debug ]] && __synk_debug=on
        builtin trap -p INT QUIT TSTP WINCH RETURN ERR DEBUG >"$__synk_directory/traps"
        if [[ -s $__synk_directory/traps ]]; then
            for __synk_signal in INT QUIT TSTP WINCH RETURN ERR DEBUG; do
                builtin trap -p "$__synk_signal" >"$__synk_directory/traps"
                builtin read -r -d '' <"$__synk_directory/traps"
                # Posix mode lists signals without a trap as "trap -- - SIGINT".
                [[ $REPLY == "trap -- -"* || ! $REPLY ]] && builtin continue
                case $__synk_signal in
                    INT | QUIT | TSTP)
                        [[ $__synk_signal == INT ]] && __synk_interrupt=trapped
                        __synk_signals+="builtin $REPLY"
                        builtin trap '' "$__synk_signal"
                        ;;
                    *)
                        __synk_traps+="builtin $REPLY"
                        builtin trap - "$__synk_signal"
                        ;;
                esac
            done
        fi
        builtin trap '' INT

        # Start-up files that changed directory leave OLDPWD behind; the lease's own `cd` must not.
        builtin local __synk_had_oldpwd="${OLDPWD+set}" __synk_oldpwd="${OLDPWD-}" __synk_seconds="${SECONDS-}"
        builtin local __synk_folder __synk_mark __synk_answer __synk_path __synk_index __synk_integration=
        builtin local -a __synk_unset __synk_names __synk_values __synk_argv
        builtin printf '__SYNK_READY__:%s\n' "${__synk_directory##*/}" >/dev/tty

        while builtin :; do
            __synk_lease || builtin exit
            __synk_enter
            [[ $__synk_answer == ok ]] && builtin break
            builtin printf '%s\n' "$__synk_answer" >&63
        done
        __synk_export
        # The seconds since the shell started do not count the time at the gate.
        [[ $__synk_seconds && ${SECONDS-} ]] && SECONDS=$__synk_seconds
        builtin printf 'ok\n' >&63
        # It calls builtins, PS0 came with bash 4.4, and a program takes the place of the shell.
        if [[ $__synk_integration && ! ${__synk_shadow-} && ${#__synk_argv[@]} -eq 0 ]] &&
            ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)); then
            builtin source "$__synk_integration"
        fi

        [[ $__synk_interrupt ]] || builtin trap - INT
        builtin eval "$__synk_signals"
        builtin unset -f __synk_gate __synk_lease __synk_enter __synk_export
        builtin unset -v __synk_directory __synk_file __synk_code __synk_ended __synk_failed
        if [[ ${#__synk_argv[@]} -gt 0 ]]; then
            # Without job control, which is off during start-up files, `exec` leaves its signals ignored.
            builtin set -m
            builtin shopt -s execfail
            builtin unset -v __synk_flags __synk_shadow
            # A start-up file may have redirected the shell's own output; the program gets the terminal. Not through
            # `builtin`, which would take the redirections back.
            [[ -t 0 && -t 61 && -t 62 ]] || exec 0<>/dev/tty 61>&0 62>&0
            builtin exec -- "${__synk_argv[@]}" >&61 2>&62 60<&- 61>&- 62>&- 63>&-
            builtin exit
        fi
        # One group, parsed before aliases are back; the user's traps and `builtin` come last.
        builtin eval "{
            builtin unset -v __synk_flags __synk_shadow
            ${__synk_aliases:+builtin shopt -s expand_aliases}
            ${__synk_flags:+builtin set -$__synk_flags}
            $__synk_traps
            ${__synk_shadow-}
        }"
        return "$__synk_status"
    }

    # Reads one lease; false at the end of the pipe. Fields end with NUL, each kind has a mark: "/" and the directory,
    # "-" and a name to unset, "+" with name and value, "=" and an argument of a program, "!" and the file of the shell
    # integration, "." at the end.
    function __synk_lease {
        __synk_unset=() __synk_names=() __synk_values=() __synk_argv=() __synk_integration=
        # An own timeout (three years), because $TMOUT is the default of `read`.
        builtin read -r -d '' -t 100000000 -u 60 || builtin return 1
        while [[ $REPLY != . ]]; do
            __synk_mark=$REPLY
            builtin read -r -d '' -u 60 || builtin return 1
            case $__synk_mark in
                /) __synk_folder=$REPLY ;;
                -) __synk_unset+=("$REPLY") ;;
                +)
                    __synk_names+=("$REPLY")
                    builtin read -r -d '' -u 60 || builtin return 1
                    __synk_values+=("$REPLY")
                    ;;
                =) __synk_argv+=("$REPLY") ;;
                !) __synk_integration=$REPLY ;;
            esac
            builtin read -r -d '' -u 60 || builtin return 1
        done
    }

    # Goes to the lease's directory and looks for its program; leaves "ok" or what is wrong in __synk_answer.
    function __synk_enter {
        if ! builtin cd -- "$__synk_folder"; then
            if [[ ! -e $__synk_folder ]]; then
                __synk_answer=missing
            elif [[ ! -d $__synk_folder ]]; then
                __synk_answer=file
            else
                __synk_answer=denied
            fi
            builtin return
        fi
        if [[ $__synk_had_oldpwd ]]; then
            OLDPWD=$__synk_oldpwd
        else
            builtin unset -v OLDPWD
            builtin export OLDPWD
        fi
        __synk_answer=ok
        [[ ${#__synk_argv[@]} -gt 0 ]] || builtin return
        __synk_path=${PATH-}
        for __synk_index in "${!__synk_names[@]}"; do
            [[ ${__synk_names[__synk_index]} == PATH ]] && __synk_path=${__synk_values[__synk_index]}
        done
        PATH=$__synk_path builtin type -P -- "${__synk_argv[0]}" || __synk_answer=program
    }

    # Sets and unsets the variables of the lease.
    function __synk_export {
        for __synk_index in "${!__synk_unset[@]}"; do
            builtin unset -v "${__synk_unset[__synk_index]}"
        done
        for __synk_index in "${!__synk_names[@]}"; do
            # Unset first: an integer or name reference attribute would evaluate the value.
            builtin unset -n "${__synk_names[__synk_index]}"
            builtin unset -v "${__synk_names[__synk_index]}"
            builtin export "${__synk_names[__synk_index]}=${__synk_values[__synk_index]}"
        done
    }

    # `!` keeps a file that ends with a failure under `set -e` from ending the shell, as bash itself does. Our own lines
    # between the files are silenced because a file may have left `set -x` or a DEBUG trap on.
    __synk_code=0
    __synk_failed=exit
    if [[ -e /etc/profile ]]; then ! . /etc/profile; fi
    {
        __synk_code=${PIPESTATUS[0]}
        [[ -e /etc/profile ]] || __synk_code=0
        for __synk_file in ~/.bash_profile ~/.bash_login ~/.profile ''; do
            [[ -e $__synk_file ]] && builtin break
        done
    } >/dev/null 2>&1
    if [[ $__synk_file ]]; then ! . "$__synk_file"; fi
    # Only if the pipes cannot be opened is __synk_failed still there afterwards.
    {
        __synk_ended=${PIPESTATUS[0]}
        # The trap itself: a function does not see it.
        builtin trap -p DEBUG >"$__synk_directory/debug"
        __synk_gate "$__synk_ended" 60<"$__synk_directory/lease" 63>"$__synk_directory/answer"
    } 61>&1 62>&2 >/dev/null 2>&1 || {
        "${__synk_failed:-return}"
    } >/dev/null 2>&1
}
