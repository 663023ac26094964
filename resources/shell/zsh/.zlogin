# Start-up of a pooled zsh, last of four files (see .zshenv): the global and the user's zlogin, then the gate.
{
    # Waits for the lease. Standard output and error are /dev/null here, which also takes what `set -x` and a DEBUG
    # trap print about our lines; the terminal's are 8 and 9. Reads the lease from 6 and answers on 7.
    __synk_gate() {
        # Options and traps are back as they were when the function returns.
        builtin emulate -L zsh
        builtin setopt no_multibyte
        builtin trap - DEBUG ZERR
        builtin trap '' INT
        builtin local IFS= seconds=$SECONDS start=$PWD folder answer field program
        builtin local -a unsets names values arguments
        builtin print -r -- "__SYNK_READY__:${__synk_directory##*/}" >/dev/tty

        while true; do
            __synk_lease || builtin exit
            __synk_answer
            [[ $answer == ok ]] && break
            builtin print -r -- "$answer" >&7
        done
        __synk_export
        # The seconds since the shell started do not count the time at the gate.
        SECONDS=$seconds
        # Tools that follow the directory (a version manager, an environment loader) saw the home directory so far.
        [[ $PWD != $start ]] && (( ${+chpwd_functions} )) && __synk_hooks=("${chpwd_functions[@]}")
        builtin print ok >&7
        (( $#arguments )) && __synk_program=$program __synk_arguments=("${arguments[@]}")
        builtin true
    }

    # Reads one lease; false at the end of the pipe. Fields end with NUL: /directory, -NAME to unset, +NAME and the
    # value in the next field, =argument of a program, and a single dot at the end.
    __synk_lease() {
        unsets=() names=() values=() arguments=()
        builtin read -r -d '' -u 6 folder || return 1
        while builtin read -r -d '' -u 6 field; do
            case $field in
                ('-'*) unsets+=("${field#-}") ;;
                ('+'*)
                    names+=("${field#+}")
                    builtin read -r -d '' -u 6 field || return 1
                    values+=("$field")
                    ;;
                ('='*) arguments+=("${field#=}") ;;
                (".") return 0 ;;
            esac
        done
        return 1
    }

    # Goes to the lease's directory and looks for its program; leaves "ok" or what is wrong in `answer`.
    __synk_answer() {
        builtin local before=$PWD previous=$OLDPWD entry
        program=
        if ! builtin cd -q -- "$folder"; then
            answer=denied
            [[ -d $folder ]] || answer=file
            [[ -e $folder ]] || answer=missing
            return
        fi
        # A zsh that was started here would have OLDPWD=$PWD, unless a start-up file changed directory.
        OLDPWD=$previous
        [[ $previous == $before ]] && OLDPWD=$PWD
        answer=ok
        (( $#arguments )) || return
        if [[ $arguments[1] == */* ]]; then
            [[ -f $arguments[1] && -x $arguments[1] ]] || answer=program
            program=$arguments[1]
            return
        fi
        # Not `whence`: it would find functions and builtins of that name, and search the PATH without the lease.
        builtin local search=$PATH
        (( $names[(Ie)PATH] )) && search=$values[$names[(Ie)PATH]]
        answer=program
        for entry in "${(@s.:.)search}"; do
            if [[ -f ${entry:-.}/$arguments[1] && -x ${entry:-.}/$arguments[1] ]]; then
                program=${entry:-.}/$arguments[1]
                answer=ok
                return
            fi
        done
    }

    # Sets and unsets the variables of the lease.
    __synk_export() {
        builtin local index
        for index in "${unsets[@]}"; do
            builtin unset -- "$index"
        done
        for (( index = 1; index <= $#names; index++ )); do
            case ${(Pt)names[index]} in
                (*special*) ;;
                # Any other attribute would change the value, or evaluate it.
                ((|scalar)(|-export)) ;;
                (*) builtin unset -- "$names[index]" ;;
            esac
            builtin export -- "$names[index]=$values[index]"
        done
    }

    { __synk_enter } >/dev/null 2>&1
    if [[ -o rcs && -o globalrcs && -r $__synk_etc/zlogin ]]; then
        __synk_status=0
        builtin source "$__synk_etc/zlogin" || { __synk_status=$? } 2>/dev/null
    fi
    if [[ -o rcs && -r ${ZDOTDIR-$HOME}/.zlogin ]]; then
        __synk_status=0
        builtin source "${ZDOTDIR-$HOME}/.zlogin" || { __synk_status=$? } 2>/dev/null
    fi
    {
        {
            __synk_gate 6<"$__synk_directory/lease" 7>"$__synk_directory/answer" && builtin unset __synk_directory
        } always {
            (( ${+__synk_directory} )) && builtin exit
        }
        builtin unfunction __synk_gate __synk_lease __synk_answer __synk_export __synk_enter __synk_leave
        builtin unset __synk_etc __synk_ours __synk_options __synk_zdotdir
        if (( ${+__synk_program} )); then
            exec -a "${__synk_arguments[@]:0:1}" "$__synk_program" "${__synk_arguments[@]:1}" >&8 2>&9 8>&- 9>&-
            builtin exit
        fi
        if (( ${+__synk_hooks} )); then
            for __synk_hook in "${__synk_hooks[@]}"; do
                "$__synk_hook" >&8 2>&9
            done
        fi
        builtin unset __synk_hook __synk_hooks
        () { builtin unset __synk_status; return $1 } "$__synk_status"
    } 8>&1 9>&2 >/dev/null 2>&1
}
