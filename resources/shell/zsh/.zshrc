# Start-up of a pooled zsh, third of four files (see .zshenv): the global and the user's zshrc.
{
    { __synk_enter } >/dev/null 2>&1
    if [[ -o rcs && -o globalrcs && -r $__synk_etc/zshrc ]]; then
        __synk_status=0
        builtin source "$__synk_etc/zshrc" || { __synk_status=$? } 2>/dev/null
    fi
    if [[ -o rcs && -r ${ZDOTDIR-$HOME}/.zshrc ]]; then
        __synk_status=0
        builtin source "${ZDOTDIR-$HOME}/.zshrc" || { __synk_status=$? } 2>/dev/null
    fi
    { __synk_leave } >/dev/null 2>&1
}
