# An engine session's bash: takes commands from a file in a private folder and tells how they ended through a FIFO there.
#
# Sourced once, with that folder and a token as arguments. Then the host types one fixed line for each command:
#     :; { __synk_go; } 2>/dev/null; builtin eval "$__synk_command"; { __synk_end; } 2>/dev/null
# so the command runs at top level, where `declare`, `cd` and `return` mean what they mean, and $? is that of the command
# before. The end is told again before a prompt, in case the line was given up (Ctrl+C, an unset variable). Marks
# on the terminal (OSC 7770 with the token) say where output begins (C) and ends (D), and where a prompt is (P). Nothing is
# open between commands, so nothing that is started here can get at the folder through a descriptor.
#
# __synk_engine: 0 the folder, 1 the token, 2 the id of the command that runs, 3 the status of the last one.
__synk_engine=("$1" "$2" '' 0)
__synk_command=

# What belongs to a person at a prompt: hooks that take time, a history file that agents would fill, an automatic logout.
builtin unset -v PROMPT_COMMAND PS0 HISTFILE TMOUT MAILCHECK 2>/dev/null
builtin unset -v __synk 2>/dev/null
HISTIGNORE=${HISTIGNORE:+$HISTIGNORE:}'*__synk_go*'

# Before a command: reads it, and puts back what makes the end known.
function __synk_go {
    builtin local __synk_words
    IFS= builtin read -r -d '' __synk_words <"${__synk_engine[0]}/command"
    __synk_engine[2]=${__synk_words%%$'\n'*}
    __synk_command=${__synk_words#*$'\n'}
    __synk_hook
    builtin history -s -- "$__synk_command"
    if [[ $- == *x* ]]; then
        # Else our own line would be traced on the terminal before the command's.
        __synk_command="builtin set -x; $__synk_command"
        builtin set +x
    fi
    builtin printf '\e]7770;%s;C;%s\a' "${__synk_engine[1]}" "${__synk_engine[2]}" >/dev/tty
    builtin return "${__synk_engine[3]}"
}

# After a command, and before every prompt.
function __synk_end {
    __synk_engine[3]=$?
    if [[ ${__synk_engine[2]} ]]; then
        builtin printf '\e]7770;%s;D;%s\a' "${__synk_engine[1]}" "${__synk_engine[2]}" >/dev/tty
        builtin printf '%s\0%s\0%s\0' "${__synk_engine[2]}" "${__synk_engine[3]}" "$PWD" >"${__synk_engine[0]}/record"
        __synk_engine[2]=
    fi
    builtin return "${__synk_engine[3]}"
}

function __synk_hook {
    [[ ${PROMPT_COMMAND@a} == *r* ]] || { builtin unset -v PROMPT_COMMAND; PROMPT_COMMAND='{ __synk_end; } 2>/dev/null'; }
    [[ ${PS1@a} == *r* ]] || PS1="\\[\\e]7770;${__synk_engine[1]};P;\\a\\]\\w \\\$ "
}

__synk_hook 2>/dev/null
__synk_engine[2]=0
builtin true
