# Shell integration of a zsh session: prompts, commands and their status are marked for the terminal (OSC 133), and it is
# told the directory (OSC 7). Sourced by the gate, with zsh's own options and no aliases.
#
# The marks of the prompt stand in PS1, after the line that PROMPT_SP begins, and are taken out before a command runs, so
# that neither the user nor a child shell meets them there. Nothing is exported, no prompt forks. Output and errors of ours
# go to /dev/null, and with them the lines of `set -x` and what a DEBUG trap prints about us.
#
# __synk: 1 what comes before PS1, 2 after it, 3 the directory told last.

builtin typeset -ga __synk precmd_functions preexec_functions
__synk=($'%{\e]133;A\a%}' $'%{\e]133;B\a%}' '')

# Before every prompt, first of the functions: an error in one of them keeps the others from running.
__synk_status() {
    {
        builtin local __synk_status=$? __synk_percent=
        [[ -o prompt_percent ]] && __synk_percent=on
        builtin emulate -RL zsh
        builtin trap - DEBUG ZERR
        builtin print -nr -- $'\e]133;D;'$__synk_status$'\a' >/dev/tty
        if [[ $PWD != "$__synk[3]" ]]; then
            __synk[3]=$PWD
            __synk_tell
        fi
        __synk_mark
    } >/dev/null 2>&1
}

# Last of the functions: themes set PS1 in theirs.
__synk_prompt() {
    {
        builtin local __synk_percent=
        [[ -o prompt_percent ]] && __synk_percent=on
        builtin emulate -RL zsh
        builtin trap - DEBUG ZERR
        __synk_mark
        # One that came after ours may have set PS1 too: from the next prompt on ours is the last again.
        if [[ $precmd_functions[-1] != __synk_prompt ]]; then
            precmd_functions=(${precmd_functions:#__synk_prompt} __synk_prompt)
        fi
        (( ${preexec_functions[(Ie)__synk_command]:-0} )) || preexec_functions=(__synk_command $preexec_functions)
    } >/dev/null 2>&1
}

# Before every command, first of the functions.
__synk_command() {
    {
        builtin emulate -RL zsh
        builtin trap - DEBUG ZERR
        __synk_unmark
        builtin print -n $'\e]133;C\a' >/dev/tty
        # A start-up file that was read again may have set the functions anew.
        if (( ! ${precmd_functions[(Ie)__synk_prompt]:-0} )); then
            precmd_functions=(__synk_status $precmd_functions __synk_prompt)
        fi
    } >/dev/null 2>&1
}

# Puts the marks around PS1. With no_prompt_percent they would count as text.
__synk_mark() {
    builtin setopt extended_glob
    __synk_unmark
    [[ -n $__synk_percent && ${(t)PS1} != *readonly* ]] || return
    # After a single % ours would be another one's.
    if [[ ${#${(M)PS1%%%#}} == *[02468] ]]; then
        PS1=$__synk[1]$PS1$__synk[2]
    else
        PS1=$__synk[1]$PS1
    fi
}

__synk_unmark() {
    if [[ $PS1 == *"$__synk[1]"* || $PS1 == *"$__synk[2]"* ]]; then
        PS1=${${PS1//$__synk[1]}//$__synk[2]}
    fi
}

# Tells the terminal the directory, byte by byte where a byte means something in a URL or is not ASCII.
__synk_tell() {
    builtin setopt no_multibyte extended_glob
    builtin local __synk_path= __synk_rest=$PWD __synk_plain
    while [[ -n $__synk_rest ]]; do
        __synk_plain=${(M)__synk_rest##[-a-zA-Z0-9/._~+,:=@]#}
        __synk_rest=${__synk_rest:${#__synk_plain}}
        __synk_path+=$__synk_plain
        if [[ -n $__synk_rest ]]; then
            __synk_path+=%${(l:2::0:)$(( [##16] #__synk_rest ))}
            __synk_rest=${__synk_rest:1}
        fi
    done
    builtin print -nr -- $'\e]7;file://'$HOST$__synk_path$'\a' >/dev/tty
}

precmd_functions=(__synk_status $precmd_functions __synk_prompt)
preexec_functions=(__synk_command $preexec_functions)
