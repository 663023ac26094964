# Shell integration of a bash session: prompts, commands and their status are marked for the terminal (OSC 133), and it is
# told the directory (OSC 7). Sourced by the gate, with aliases, traps and awkward options set aside.
#
# The marks stand in PS1 and PS0, which the user may change at any time: a command after the user's own ones in
# PROMPT_COMMAND puts them back. That is element 1 or later, because `PROMPT_COMMAND=...` replaces element 0 only.
# Nothing is exported (arrays never are), so a PS1 that is exported shows no marks in a child shell: what we add to it
# expands to nothing there. No prompt forks. Output and errors of ours go to /dev/null, and with them the lines of
# `set -x` and what a DEBUG trap prints about us; bash-preexec takes it as a sign that this is not the user's command.
#
# __synk: 0 what comes before PS1, 1 after it, 2 after PS0, 3 our command, 4 the directory told last, 5 a scratch value,
# 6 "array" if our command is an element of PROMPT_COMMAND.

# $? is that of the user's command, also where the prompt is expanded.
__synk=(
    '\[${__synk[0]+\e]133;D;$?\a\e]133;A\a}\]'
    '\[${__synk[0]+\e]133;B\a}\]'
    '${__synk[0]+\e]133;C\a}'
    '{ ${__synk[0]+__synk_prompt}; } >/dev/null 2>&1'
    '' '' ''
)

# Before every prompt, after the user's own commands. Only keywords and assignments on the usual way.
function __synk_prompt {
    # A pattern in ${...#} matches as it stands, also under nocasematch.
    if [[ ${PWD#"${__synk[4]}"} ]]; then
        __synk[4]=$PWD
        __synk_tell
    fi
    __synk_decorate
    # An element of PROMPT_COMMAND that was added after ours may have set PS1: from the next prompt on we are last again.
    if [[ ${__synk[6]} && ${PROMPT_COMMAND[*]: -1} != "${__synk[3]}" ]]; then
        __synk_move
    fi
}

# Puts marks around PS1 and after PS0, wherever they stand in it now. Without promptvars they would be shown as text.
function __synk_decorate {
    if [[ ${PS1+set} && ${PS1@a} != *r* ]]; then
        __synk[5]=${PS1//"${__synk[0]}"/}
        __synk[5]=${__synk[5]//"${__synk[1]}"/}
        if [[ :$BASHOPTS: == *:promptvars:* ]]; then
            # After a backslash ours would be another one's escape.
            [[ ${__synk[5]} == *\\ ]] || __synk[5]+=${__synk[1]}
            __synk[5]=${__synk[0]}${__synk[5]}
        fi
        # Assigned only if need be: `set -a` exports what is assigned.
        [[ $PS1 == "${__synk[5]}" ]] || PS1=${__synk[5]}
    fi
    if [[ ! ${PS0+set} || ${PS0@a} != *r* ]]; then
        if [[ :$BASHOPTS: != *:promptvars:* ]]; then
            PS0=${PS0//"${__synk[2]}"/}
        elif [[ ${PS0-} != *"${__synk[2]}" ]]; then
            PS0=${PS0-}${__synk[2]}
        fi
    fi
}

# Moves our command to the end of PROMPT_COMMAND, and the user's to where they would be without it.
function __synk_move {
    builtin local __synk_index
    builtin local -a __synk_others
    __synk_others=()
    for __synk_index in "${!PROMPT_COMMAND[@]}"; do
        if [[ ${PROMPT_COMMAND[__synk_index]} != "${__synk[3]}" ]]; then
            __synk_others+=("${PROMPT_COMMAND[__synk_index]}")
        fi
    done
    PROMPT_COMMAND=("${__synk_others[@]}")
    __synk_append
}

# Not element 0, also if the user has none.
function __synk_append {
    __synk[6]=array
    if [[ ${PROMPT_COMMAND[*]+set} ]]; then
        PROMPT_COMMAND+=("${__synk[3]}")
    else
        PROMPT_COMMAND=([1]="${__synk[3]}")
    fi
}

# Tells the terminal the directory, byte by byte where a byte means something in a URL or is not ASCII.
function __synk_tell {
    builtin local LC_ALL=C __synk_rest="$PWD" __synk_path= __synk_plain __synk_code
    while [[ $__synk_rest ]]; do
        __synk_plain=${__synk_rest%%[!-a-zA-Z0-9/._~+,:=@]*}
        __synk_path+=$__synk_plain
        __synk_rest=${__synk_rest:${#__synk_plain}}
        if [[ $__synk_rest ]]; then
            builtin printf -v __synk_code %d "'$__synk_rest"
            builtin printf -v __synk_code %%%02X "$((__synk_code & 255))"
            __synk_path+=$__synk_code
            __synk_rest=${__synk_rest:1}
        fi
    done
    builtin printf '\e]7;file://%s%s\a' "$HOSTNAME" "$__synk_path" >/dev/tty
}

# With a DEBUG trap of the user our command would run it after the user's last one, and it would count that for a command
# typed. So ours comes first there, in the same string, and leaves $? as it was. A prompt that the others make anew every
# time is marked before they do.
function __synk_first {
    if [[ ${PS1-} != "${__synk[0]}"* ]]; then
        builtin printf '\e]133;D;%s\a\e]133;A\a' "$1" >/dev/tty
    fi
    __synk_prompt
    builtin return "$1"
}

if [[ ${PS1+set} && ${PS1@a} == *r* ]]; then
    # Without the prompt, the rest would tell nonsense.
    builtin unset -f __synk_prompt __synk_decorate __synk_move __synk_append __synk_tell __synk_first
    builtin unset -v __synk
elif [[ ($__synk_debug && ! ${PROMPT_COMMAND-}) || (${PROMPT_COMMAND+set} && ${PROMPT_COMMAND@a} == *r*) ||
    ($__synk_debug && ${PROMPT_COMMAND@a} == *x*) ]]; then
    # No command at all (in a child shell `__synk_first` would cost the others their $?): PS1 is marked once, and tells the
    # directory if it needs no encoding, else that it is not known.
    __synk[0]='\[${__synk[0]+\e]133;D;$?\a\e]7;file://$HOSTNAME${PWD##*[!-a-zA-Z0-9/._~+,:=@]*}\a\e]133;A\a}\]'
    __synk_decorate
    builtin unset -f __synk_prompt __synk_decorate __synk_move __synk_append __synk_tell __synk_first
elif [[ $__synk_debug ]]; then
    PROMPT_COMMAND=$'{ __synk_first "$?" && :; } >/dev/null 2>&1\n'$PROMPT_COMMAND
elif [[ ${PROMPT_COMMAND+set} && ${PROMPT_COMMAND@a} == *x* ]] || ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 501)); then
    # An array would not reach child shells, and before 5.1 bash runs element 0 only.
    PROMPT_COMMAND=${PROMPT_COMMAND:+$PROMPT_COMMAND$'\n'}${__synk[3]}
else
    __synk_append
fi
