# The start gate of a pooled fish: `fish -l -C 'source gate.fish <private directory>/<token> || exit'` comes here after the
# user's configuration, before fish reads its history and draws its first prompt. All variables are local to this file;
# `exit` in it only ends the file, so the caller has to end the shell.

set -l __synk_passed
set -l __synk_token (builtin string match -r '[^/]*$' -- $argv[1])
set -l __synk_argv
set -l __synk_program
set -l __synk_integration

# A signal that a function observes does not cancel what runs.
function __synk_interrupt --on-signal INT
end

# Fields end with NUL, each kind has a mark: "/" and the directory, "-" and a name to unset, "+" with name and value, "="
# and an argument of a program, "!" and the file of the shell integration, "." at the end. What is not UTF-8, which `read`
# drops, is escaped and marked with a "%".
begin
    builtin printf '__SYNK_READY__:%s\n' $__synk_token >/dev/tty
    while true
        set -l __synk_folder
        set -l __synk_mark
        set -l __synk_field
        set -l __synk_unset
        set -l __synk_names
        set -l __synk_values
        set -l __synk_search $PATH
        set -l __synk_answer ok
        set __synk_argv
        set __synk_integration
        while true
            # False at the end of the pipe: the host has gone.
            builtin read --null __synk_mark || exit 1
            test "$__synk_mark" = . && break
            builtin read --null __synk_field || exit 1
            if builtin string match -q '+*' -- $__synk_mark
                set -a __synk_names $__synk_field
                builtin read --null __synk_field || exit 1
            end
            if builtin string match -q '*%' -- $__synk_mark
                set __synk_field (builtin printf %b $__synk_field | builtin string collect --no-trim-newlines)
            end
            switch $__synk_mark
                case '/*'
                    set __synk_folder $__synk_field
                case '-*'
                    set -a __synk_unset $__synk_field
                case '+*'
                    set -a __synk_values "$__synk_field"
                    test $__synk_names[-1] = PATH && set __synk_search (builtin string split : -- $__synk_field)
                case '=*'
                    set -a __synk_argv "$__synk_field"
                case '!*'
                    set __synk_integration $__synk_field
            end
        end

        if not builtin cd -- $__synk_folder 2>/dev/null
            if not test -e $__synk_folder
                set __synk_answer missing
            else if not test -d $__synk_folder
                set __synk_answer file
            else
                set __synk_answer denied
            end
        else if set -q __synk_argv[1]
            set -lx PATH $__synk_search
            set __synk_program (command --search -- $__synk_argv[1]) || set __synk_answer program
        end
        if test $__synk_answer = ok
            for __synk_field in $__synk_unset
                set -eg $__synk_field
                # A universal variable stays for other shells. Only an exported one, though empty, takes its place.
                set -qUx $__synk_field && set -gx $__synk_field
            end
            while set -q __synk_names[1]
                set -gx $__synk_names[1] $__synk_values[1] 2>/dev/null
                set -e __synk_names[1] __synk_values[1]
            end
        end
        builtin printf '%s\n' $__synk_answer >$argv[1]/answer
        test $__synk_answer = ok && set __synk_passed yes && break
    end
end <$argv[1]/lease

functions -e __synk_interrupt
# The pipes could not be opened.
set -q __synk_passed[1] || exit 1
if set -q __synk_argv[1]
    exec $__synk_program $__synk_argv[2..]
    # The first attempt only warns if start-up files left background jobs.
    exec $__synk_program $__synk_argv[2..]
    exit 1
end
set -q __synk_integration[1] && source $__synk_integration
return 0
