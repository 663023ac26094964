# Start-up of a pooled zsh, second of four files (see .zshenv): the global and the user's zprofile.
{
    { __synk_enter } >/dev/null 2>&1
    if [[ -o rcs && -o globalrcs && -r $__synk_etc/zprofile ]]; then
        __synk_status=0
        builtin source "$__synk_etc/zprofile" || { __synk_status=$? } 2>/dev/null
    fi
    if [[ -o rcs && -r ${ZDOTDIR-$HOME}/.zprofile ]]; then
        __synk_status=0
        builtin source "${ZDOTDIR-$HOME}/.zprofile" || { __synk_status=$? } 2>/dev/null
    fi
    { __synk_leave } >/dev/null 2>&1
}
