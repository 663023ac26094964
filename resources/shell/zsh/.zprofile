# Start-up of a pooled zsh, second of four files (see .zshenv).
{
    __synk_global=$__synk_etc/zprofile
    builtin source "$__synk_home/file.zsh"
    __synk_global= __synk_file=.zprofile
    builtin source "$__synk_home/file.zsh"
}
