# Start-up of a pooled zsh, first of four files: zsh reads them through ZDOTDIR, and each reads the file of the user.
#
# zsh itself reads only /etc/zshenv; the other global files are read here too (GLOBAL_RCS is off in between), so that
# all files see the user's ZDOTDIR and never ours. .zlogin ends with the gate, before zsh loads the history.
#
# Every file is one list, parsed with aliases off; builtins are called through `builtin`. SYNK_GATE is
# <private directory>/<token>, SYNK_GATE_ETC where the global files are, SYNK_GATE_ZDOTDIR the user's ZDOTDIR, if set.
{
    __synk_directory=$SYNK_GATE __synk_etc=$SYNK_GATE_ETC __synk_ours=$ZDOTDIR __synk_status=0
    builtin unset ZDOTDIR SYNK_GATE SYNK_GATE_ETC
    if (( ${+SYNK_GATE_ZDOTDIR} )); then
        builtin export ZDOTDIR=$SYNK_GATE_ZDOTDIR
        builtin unset SYNK_GATE_ZDOTDIR
    fi

    # After a file of the user: notes what zsh is to find again, and makes it read the next file of ours.
    __synk_leave() {
        builtin unsetopt local_options
        __synk_options=()
        local name
        for name in aliases rcs globalrcs; do
            if [[ -o $name ]]; then
                __synk_options+=($name)
            else
                __synk_options+=(no$name)
            fi
        done
        builtin setopt rcs no_global_rcs no_aliases
        builtin unset __synk_zdotdir
        if (( ${+ZDOTDIR} )); then
            __synk_zdotdir=$ZDOTDIR
        fi
        ZDOTDIR=$__synk_ours
    }

    # Before a file of the user: everything as they left it.
    __synk_enter() {
        builtin unsetopt local_options
        if (( ${+__synk_zdotdir} )); then
            ZDOTDIR=$__synk_zdotdir
        else
            builtin unset ZDOTDIR
        fi
        builtin setopt "${__synk_options[@]}"
    }

    if [[ -r ${ZDOTDIR-$HOME}/.zshenv ]]; then
        builtin source "${ZDOTDIR-$HOME}/.zshenv" || { __synk_status=$? } 2>/dev/null
    fi
    { __synk_leave } >/dev/null 2>&1
}
