# Start-up of a pooled zsh, third of four files (see .zshenv).
{
    __synk_global=$__synk_etc/zshrc
    builtin source "$__synk_home/file.zsh"
    __synk_global= __synk_file=.zshrc
    builtin source "$__synk_home/file.zsh"
}
