# Start-up of a pooled zsh, last of four files (see .zshenv): after the user's files the shell waits here for its lease.
{
    __synk_global=$__synk_etc/zlogin
    builtin source "$__synk_home/file.zsh"
    __synk_global= __synk_file=.zlogin
    builtin source "$__synk_home/file.zsh"

    # Waits for the lease. Standard output and error are /dev/null here, which also takes what a DEBUG trap prints about
    # our lines; the terminal's are 8 and 9. Reads the lease from 6 and answers on 7.
    __synk_gate() {
        # All options and traps are back as they were when the function returns.
        builtin emulate -RL zsh
        builtin setopt no_multibyte
        builtin trap - DEBUG ZERR
        builtin trap '' INT
        builtin local IFS= __synk_seconds=$SECONDS __synk_start=$PWD
        builtin local __synk_folder __synk_answer __synk_mark __synk_field __synk_integration
        builtin local -a __synk_unset __synk_names __synk_values __synk_argv
        builtin print -r -- "__SYNK_READY__:${__synk_directory##*/}" >/dev/tty

        while builtin true; do
            __synk_lease || builtin exit
            __synk_answer
            [[ $__synk_answer == ok ]] && break
            builtin print -r -- "$__synk_answer" >&7
        done
        __synk_export
        # The seconds since the shell started do not count the time at the gate.
        SECONDS=$__synk_seconds
        # Tools that follow the directory (a version manager, an environment loader) have seen the home directory so far.
        if [[ $PWD != $__synk_start ]] && (( ${+chpwd_functions} )); then
            __synk_hooks=("${chpwd_functions[@]}")
        fi
        (( $#__synk_argv )) && __synk_arguments=("${__synk_argv[@]}")
        builtin print ok >&7
        # It calls builtins, and a program takes the place of the shell.
        if [[ -n $__synk_integration && -z ${__synk_shadow-} && $#__synk_argv -eq 0 ]]; then
            builtin setopt multibyte no_aliases
            IFS=$' \t\n\0' builtin source "$__synk_integration"
        fi
    }

    # Reads one lease; false at the end of the pipe. Fields end with NUL, each kind has a mark: "/" and the directory,
    # "-" and a name to unset, "+" with name and value, "=" and an argument of a program, "!" and the file of the shell
    # integration, "." at the end.
    __synk_lease() {
        __synk_unset=() __synk_names=() __synk_values=() __synk_argv=() __synk_integration=
        while builtin read -r -d '' -u 6 __synk_mark; do
            [[ $__synk_mark == . ]] && return
            builtin read -r -d '' -u 6 __synk_field || break
            case $__synk_mark in
                ('/') __synk_folder=$__synk_field ;;
                ('-') __synk_unset+=("$__synk_field") ;;
                ('+')
                    __synk_names+=("$__synk_field")
                    builtin read -r -d '' -u 6 __synk_field || break
                    __synk_values+=("$__synk_field")
                    ;;
                ('=') __synk_argv+=("$__synk_field") ;;
                ('!') __synk_integration=$__synk_field ;;
            esac
        done
        return 1
    }

    # Goes to the lease's directory and looks for its program; leaves "ok" or what is wrong in __synk_answer.
    __synk_answer() {
        builtin local __synk_before=$PWD __synk_previous=$OLDPWD __synk_search=$PATH __synk_entry
        if ! builtin cd -q -- "$__synk_folder"; then
            __synk_answer=denied
            [[ -d $__synk_folder ]] || __synk_answer=file
            [[ -e $__synk_folder ]] || __synk_answer=missing
            return
        fi
        # A zsh that was started here would have OLDPWD=$PWD, unless a start-up file changed directory.
        OLDPWD=$__synk_previous
        [[ $__synk_previous == $__synk_before ]] && OLDPWD=$PWD
        __synk_answer=ok
        (( $#__synk_argv )) || return
        # Not `whence`: it would also find functions and builtins of that name.
        if (( $__synk_names[(Ie)PATH] )); then
            __synk_search=$__synk_values[$__synk_names[(Ie)PATH]]
        fi
        [[ $__synk_argv[1] == */* ]] && __synk_search=
        for __synk_entry in "${(@s.:.)__synk_search}"; do
            __synk_program=${__synk_entry:+$__synk_entry/}$__synk_argv[1]
            [[ -f $__synk_program && -x $__synk_program ]] && return
        done
        __synk_answer=program
    }

    # Sets and unsets the variables of the lease.
    __synk_export() {
        builtin local __synk_index
        for __synk_index in "${__synk_unset[@]}"; do
            builtin unset -- "$__synk_index"
        done
        for (( __synk_index = 1; __synk_index <= $#__synk_names; __synk_index++ )); do
            case ${(Pt)__synk_names[__synk_index]} in
                (*special*) ;;
                # Any other attribute would change the value, or evaluate it.
                ((|scalar)(|-export)) ;;
                (*) builtin unset -- "$__synk_names[__synk_index]" ;;
            esac
            builtin export -- "$__synk_names[__synk_index]=$__synk_values[__synk_index]"
        done
    }

    {
        __synk_enter
        {
            __synk_gate 6<"$__synk_directory/lease" 7>"$__synk_directory/answer" && builtin unset __synk_directory
        } always {
            # Also after an error: a shell must not go on to its prompt without a lease.
            (( ${+__synk_directory} )) && builtin exit
        }
        builtin unfunction __synk_gate __synk_lease __synk_answer __synk_export __synk_enter __synk_leave
        builtin unset __synk_etc __synk_home __synk_global __synk_file __synk_path __synk_name __synk_options __synk_zdotdir
        if (( ${+__synk_arguments} )); then
            # A start-up file may have redirected the shell's own output for a while; the program gets the terminal.
            [[ -t 0 && -t 8 && -t 9 ]] || builtin exec <>"$TTY" 8>&0 9>&0
            () {
                # With ALL_EXPORT they would be in the environment of the program.
                builtin unset __synk_status __synk_trace __synk_program __synk_arguments __synk_hooks __synk_shadow
                exec -a "$2" "$1" "${@:3}" >&8 2>&9 8>&- 9>&-
            } "$__synk_program" "${__synk_arguments[@]}"
            builtin exit
        fi
        if (( ${+__synk_hooks} )); then
            for __synk_hook in "${__synk_hooks[@]}"; do
                "$__synk_hook" >&8 2>&9
            done
        fi
        [[ -z $__synk_trace ]] || builtin setopt xtrace
        () {
            builtin unset __synk_status __synk_trace __synk_program __synk_hook __synk_hooks __synk_shadow
            builtin eval "$2"
            return $1
        } "$__synk_status" "${__synk_shadow-}"
    } 8>&1 9>&2 >/dev/null 2>&1
}
