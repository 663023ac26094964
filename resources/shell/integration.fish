# Shell integration of a fish session: prompts, commands and their status are marked for the terminal (OSC 133), and it is
# told the directory (OSC 7). Sourced by the gate. fish 4 does all this by itself.
#
# The prompt itself stays the user's function, so there is no mark for its end (B); C tells the command instead.

string match -qr '^3\.' -- $version || return

# A line that was given up (Ctrl+C) or cannot be parsed is followed by a prompt without that event.
function __synk_prompt --on-event fish_prompt --on-event fish_cancel --on-event fish_posterror
    if test "$__synk_directory" != "$PWD"
        set -g __synk_directory $PWD
        builtin printf '\e]7;file://%s%s\a' "$hostname" (builtin string escape --style=url -- $PWD)
    end
    builtin printf '\e]133;A\a'
end

function __synk_command --on-event fish_preexec
    builtin printf '\e]133;C\a'
end

function __synk_status --on-event fish_postexec
    builtin printf '\e]133;D;%s\a' $status
end
