# Start-up of a pooled zsh, first of four files: zsh reads them through ZDOTDIR, and each reads the files of the user.
#
# zsh itself reads only /etc/zshenv; the other global files are read from here too (GLOBAL_RCS is off in between), so that
# all files see the user's ZDOTDIR and never ours. .zlogin ends with the gate, before zsh loads the history.
#
# Every file is one list, parsed while aliases are off, and calls builtins through `builtin`. SYNK_GATE is
# <private directory>/<token>, SYNK_GATE_ETC where the global files are, SYNK_GATE_ZDOTDIR the user's ZDOTDIR, if set.
{
    __synk_directory=$SYNK_GATE __synk_etc=$SYNK_GATE_ETC __synk_home=$ZDOTDIR __synk_status=0 __synk_trace=
    builtin unset ZDOTDIR SYNK_GATE SYNK_GATE_ETC
    if (( ${+SYNK_GATE_ZDOTDIR} )); then
        builtin export ZDOTDIR=$SYNK_GATE_ZDOTDIR
        builtin unset SYNK_GATE_ZDOTDIR
    fi

    # After a file of the user: sets aside what would bend our lines, or keep zsh from reading the next file of ours.
    # The caller switches XTRACE off, which a function can do only for itself.
    __synk_leave() {
        if [[ -o xtrace ]]; then
            __synk_trace=on
        fi
        if typeset -f builtin; then
            __synk_shadow=$(typeset -f builtin)
            unfunction builtin
        fi
        builtin unsetopt local_options
        __synk_options=() __synk_zdotdir=()
        for __synk_name in aliases rcs globalrcs verbose; do
            if [[ -o $__synk_name ]]; then
                __synk_options+=($__synk_name)
            else
                __synk_options+=(no$__synk_name)
            fi
        done
        builtin setopt rcs no_global_rcs no_aliases no_verbose
        if (( ${+ZDOTDIR} )); then
            __synk_zdotdir=("$ZDOTDIR")
        fi
        ZDOTDIR=$__synk_home
    }

    # Before a file of the user: puts all that back, except XTRACE.
    __synk_enter() {
        builtin unsetopt local_options
        if (( ${#__synk_zdotdir[@]} )); then
            ZDOTDIR=${__synk_zdotdir[@]}
        else
            builtin unset ZDOTDIR
        fi
        builtin setopt "${__synk_options[@]}"
    }

    { __synk_leave } >/dev/null 2>&1
    __synk_global= __synk_file=.zshenv
    builtin source "$__synk_home/file.zsh"
}
