# Reads one start-up file, the global one $__synk_global or else $__synk_file of the user, if the user's RCS and
# GLOBAL_RCS options allow it as in zsh itself. Sourced by our four files (see .zshenv) at top level.
{
    { __synk_enter } >/dev/null 2>&1
    __synk_path=${__synk_global:-${ZDOTDIR-$HOME}/$__synk_file}
    if [[ -o rcs && ( -z $__synk_global || -o globalrcs ) && -r $__synk_path ]]; then
        __synk_status=0
        # `||` keeps a file that ends with a failure from ending the shell under `set -e`, as zsh itself does.
        if [[ -z $__synk_trace ]]; then
            builtin source "$__synk_path" || { __synk_status=$? } 2>/dev/null
        else
            # The user's lines are traced to the terminal, and ours are not.
            {
                builtin setopt xtrace
                builtin source "$__synk_path" 2>&9 || __synk_status=$?
                __synk_trace=
            } 9>&2 2>/dev/null
        fi
    fi
    {
        __synk_leave
        builtin unsetopt xtrace
    } >/dev/null 2>&1
}
