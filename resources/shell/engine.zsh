# An engine session's zsh: takes commands from a file in a private folder and tells how they ended through a FIFO there.
#
# Sourced once, with that folder and a token as arguments; how it works stands in engine.bash.
#
# __synk_engine: 1 the folder, 2 the token, 3 the id of the command that runs, 4 the status of the last one.
builtin typeset -g -a __synk_engine
builtin typeset -g __synk_command= __synk_traced=
__synk_engine=("$1" "$2" '' 0)

# What belongs to a person at a prompt: hooks that take time, a history file that agents would fill, an automatic logout.
builtin unset HISTFILE TMOUT RPROMPT RPS1 2>/dev/null
builtin setopt hist_ignore_space no_prompt_sp no_correct no_correct_all no_beep
(( ${+functions[precmd]} )) && builtin unfunction precmd
(( ${+functions[preexec]} )) && builtin unfunction preexec

# Before a command: reads it, and puts back what makes the end known.
__synk_go() {
    builtin emulate -L zsh
    builtin local __synk_words=${"$(<$__synk_engine[1]/command)"%%$'\0'*}
    __synk_engine[3]=${__synk_words%%$'\n'*}
    __synk_command=${__synk_traced:+builtin set -x; }${__synk_words#*$'\n'}
    __synk_traced=
    __synk_hook
    builtin print -rs -- "${__synk_words#*$'\n'}"
    builtin print -n -- "\e]7770;$__synk_engine[2];C;$__synk_engine[3]\a" >/dev/tty
    builtin return $__synk_engine[4]
}

# After a command, and before every prompt.
__synk_end() {
    __synk_engine[4]=$?
    builtin emulate -L zsh
    if [[ -n $__synk_engine[3] ]]; then
        builtin print -n -- "\e]7770;$__synk_engine[2];D;$__synk_engine[3]\a" >/dev/tty
        builtin print -rn -- "$__synk_engine[3]"$'\0'"$__synk_engine[4]"$'\0'"$PWD"$'\0' >$__synk_engine[1]/record
        __synk_engine[3]=
    fi
    builtin return $__synk_engine[4]
}

__synk_hook() {
    precmd_functions=(__synk_end) preexec_functions=()
    PS1=$'%{\e]7770;'$__synk_engine[2]$';P;\a%}%~ %# '
}

__synk_hook
__synk_engine[3]=0
builtin true
