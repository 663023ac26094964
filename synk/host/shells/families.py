"""What is typed into a shell of an engine session: once to prepare it, and for each command one fixed line. Pure."""

import shlex

KINDS = ("bash", "zsh", "fish", "sh", "dash", "ksh")
"""bash and zsh have lines of ours in them; in the others each command carries its own marks (sentinels)."""
PREPARED = ("bash", "zsh")

_END = '; builtin eval "$__synk_command"; { __synk_end; } 2>/dev/null\r'
_FIXED = {
    # bash 5.2 takes the first word after an unterminated quote in `eval` for a plain one, even if it is `{`.
    "bash": " :; { __synk_go; } 2>/dev/null" + _END,
    # A function of zsh can switch tracing off only for itself.
    "zsh": " { [[ -o xtrace ]] && __synk_traced=on && unsetopt xtrace; __synk_go; } 2>/dev/null" + _END,
}


def setup_line(kind: str, *, resources: str, folder: str, token: str) -> str:
    """Typed once; the shell answers with the record of command 0."""
    quoted = shlex.quote(folder)
    if kind in PREPARED:
        return f" . {shlex.quote(f'{resources}/engine.{kind}')} {quoted} {token}\r"
    record = r"printf '0\0000\000%s\000' " + f'"$PWD" >{quoted}/record'
    mark = rf"\033]7770;{token};P;\007"
    if kind == "fish":
        quiet = "function fish_greeting; end; function fish_right_prompt; end; function fish_title; end"
        return f" {quiet}; function fish_prompt; printf '{mark}> '; end; {record}\r"
    return f" unset ENV HISTFILE TMOUT; PS1=$(printf '{mark}$ '); {record}\r"


def command_line(kind: str, *, folder: str, token: str, id: str) -> str:
    """Typed for each command, which lies in the folder."""
    if kind in PREPARED:
        return _FIXED[kind]
    quoted = shlex.quote(folder)
    begin, end = (rf"printf '\033]7770;{token};{mark};{id}\007' >/dev/tty" for mark in "CD")
    record = rf"printf '%s\000%s\000%s\000' {id}"
    if kind == "fish":
        return f' {begin}; source {quoted}/script; set __synk_s $status; {end}; {record} $__synk_s "$PWD" >{quoted}/record\r'
    return f' {begin}; . {quoted}/script; __synk_s=$?; {end}; {record} $__synk_s "$PWD" >{quoted}/record\r'
