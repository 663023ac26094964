"""The character keys of common keyboard layouts, and a guess at the one in use.

Qt tells what a key made with the modifiers held, and where the key is, but not what it makes without Shift. That
is needed for the kitty keyboard protocol: `?` on a German keyboard is Shift and the key `ß`.
"""

from dataclasses import dataclass
from functools import cache

KEY_CODES = (49, *range(10, 22), *range(24, 36), *range(38, 49), 51, 94, *range(52, 62))
"""X11 numbers of the keys in the strings below: row by row from the top left, 94 is the key between Shift and Z."""

NOTHING = " "


@dataclass(frozen=True, slots=True)
class Layout:
    """What each key of KEY_CODES makes; a space where it makes nothing. Dead keys are shown by their accent."""

    name: str
    """As in XKB."""
    plain: str
    shift: str
    altgr: str


LAYOUTS = (
    Layout(
        "us",
        "`1234567890-=qwertyuiop[]asdfghjkl;'\\<zxcvbnm,./",
        '~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"|>ZXCVBNM<>?',
        "                                     |          ",
    ),
    Layout(
        "de",
        "^1234567890ß´qwertzuiopü+asdfghjklöä#<yxcvbnm,.-",
        "°!\"§$%&/()=?`QWERTZUIOPÜ*ASDFGHJKLÖÄ'>YXCVBNM;:_",
        "′¹²³¼½¬{[]}\\¸@ſ€¶ŧ←↓→øþ¨~æſðđŋħ ĸł ^’|»«¢„“”µ·…–",
    ),
    Layout(
        "fr",
        "²&é\"'(-è_çà)=azertyuiop^$qsdfghjklmù*<wxcvbn,;:!",
        "~1234567890°+AZERTYUIOP¨£QSDFGHJKLM%µ>WXCVBN?./§",
        "¬¹~#{[|`\\^@]}æ«€¶ŧ←↓→øþ¨¤@ßðđŋħ ĸłµ^`|ł»¢„“”´•· ",
    ),
    Layout(
        "gb",
        "`1234567890-=qwertyuiop[]asdfghjkl;'#\\zxcvbnm,./",
        '¬!"£$%^&*()_+QWERTYUIOP{}ASDFGHJKL:@~|ZXCVBNM<>?',
        "|¹²³€½¾{[]}\\¸@ſe¶ŧ←↓→øþ¨~æßðđŋħ ĸł´^`|«»¢„“”µ•· ",
    ),
    Layout(
        "es",
        "º1234567890'¡qwertyuiop`+asdfghjklñ´ç<zxcvbnm,.-",
        'ª!"·$%&/()=?¿QWERTYUIOP^*ASDFGHJKLÑ¨Ç>ZXCVBNM;:_',
        "\\|@#~½¬{[]}\\¸@ſ€¶ŧ←↓→øþ[]æßðđŋħ ĸł~{}|«»¢„“”µ•· ",
    ),
    Layout(
        "it",
        "\\1234567890'ìqwertyuiopè+asdfghjklòàù<zxcvbnm,.-",
        '|!"£$%&/()=?^QWERTYUIOPé*ASDFGHJKLç°§>ZXCVBNM;:_',
        "¬¹²³¼½¬{[]}`~@ſ€¶ŧ←↓→øþ[]æßðđŋħ ĸł@#`««»¢“”ñµ´· ",
    ),
    Layout(
        "pt",
        "\\1234567890'«qwertyuiop+´asdfghjklçº~<zxcvbnm,.-",
        '|!"#$%&/()=?»QWERTYUIOP*`ASDFGHJKLÇª^>ZXCVBNM;:_',
        "¬¹@£§½¬{[]}\\¸@ſ€¶ŧ←↓→øþ¨~æßðđŋħ ĸł´^`\\«»¢„“”µ•· ",
    ),
    Layout(
        "br",
        "'1234567890-=qwertyuiop´[asdfghjklç~]\\zxcvbnm,.;",
        '"!@#$%¨&*()_+QWERTYUIOP`{ASDFGHJKLÇ^}|ZXCVBNM<>:',
        "¬¹²³£¢¬{[]}\\§/?°®ŧ←↓→øþ´ªæßðđŋħ ĸł´~ºˇ«»©„“”µ•· ",
    ),
    Layout(
        "ch",
        "§1234567890'^qwertzuiopü¨asdfghjklöä$<yxcvbnm,.-",
        '°+"*ç%&/()=?`QWERTZUIOPè!ASDFGHJKLéà£>YXCVBNM;:_',
        "¬|@#¼½¬|¢]}´~@ſ€¶ŧ←↓→œþ[]æßðđŋħ ĸł´{}\\«»¢„“”µ•· ",
    ),
    Layout(
        "ch:fr",
        "§1234567890'^qwertzuiopè¨asdfghjkléà$<yxcvbnm,.-",
        '°+"*ç%&/()=?`QWERTZUIOPü!ASDFGHJKLöä£>YXCVBNM;:_',
        "¬|@#¼½¬|¢]}´~@ſ€¶ŧ←↓→œþ[]æßðđŋħ ĸł´{}\\«»¢„“”µ•· ",
    ),
    Layout(
        "be",
        "²&é\"'(§è!çà)-azertyuiop^$qsdfghjklmùµ<wxcvbn,;:=",
        "³1234567890°_AZERTYUIOP¨*QSDFGHJKLM%£>WXCVBN?./+",
        "¬|@#¼½^{[{}\\¸@ſ€¶ŧ←↓→œþ[]æßðđŋħ ĸł´´`\\«»¢„“”¸•·~",
    ),
    Layout(
        "se",
        "§1234567890+´qwertyuiopå¨asdfghjklöä'<zxcvbnm,.-",
        '½!"#¤%&/()=?`QWERTYUIOPÅ^ASDFGHJKLÖÄ*>ZXCVBNM;:_',
        "¶¡@£$€¥{[]}\\±@ſ€®þ←↓→œþ¨~ªßðđŋħ ĸłøæ´|«»©„“”µ¸· ",
    ),
    Layout(
        "dk",
        "½1234567890+´qwertyuiopå¨asdfghjklæø'<zxcvbnm,.-",
        '§!"#¤%&/()=?`QWERTYUIOPÅ^ASDFGHJKLÆØ*>ZXCVBNM;:_',
        "¾¡@£$½¥{[]}±|@ſ€®þ←↓→œþ¨~ªßðđŋħ ĸł´^ \\«»©„“”µ¸· ",
    ),
    Layout(
        "no",
        "|1234567890+\\qwertyuiopå¨asdfghjkløæ'<zxcvbnm,.-",
        '§!"#¤%&/()=?`QWERTYUIOPÅ^ASDFGHJKLØÆ*>ZXCVBNM;:_',
        "¦¡@£$½¥{[]}±´@ſ€®þ←↓→œπ¨~ªßðđŋħ ĸł´^ ½«»©„“”µ¸…–",
    ),
    Layout(
        "fi",
        "§1234567890+´qwertyuiopå¨asdfghjklöä'<zxcvbnm,.-",
        '½!"#¤%&/()=?`QWERTYUIOPÅ^ASDFGHJKLÖÄ*>ZXCVBNM;:_',
        "  @£$‰‚{[]}\\¸qw€rþyuıœ  ~əßðfghjĸ øæˇ|ʒ×cvbŋµ’ –",
    ),
    Layout(
        "nl",
        "@1234567890/°qwertyuiop¨*asdfghjkl+´<]zxcvbnm,.-",
        "§!\"#$%&_()'?~QWERTYUIOP^|ASDFGHJKL±`>[ZXCVBNM;:=",
        "¬¹²³¼½¾£{}°\\¸@ſ€¶þÿüïò¶~~áßðªŋħ ĸł´'`|«»¢“”ñμ¸· ",
    ),
    Layout(
        "pl",
        "`1234567890-=qwertyuiop[]asdfghjkl;'\\<zxcvbnm,./",
        '~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"|>ZXCVBNM<>?',
        "¬≠²³¢€½§·«»–¸πœę©ß←↓→óþ¨~ąśðæŋ’ə…ł´^`|żźć„”ńµ≤≥ ",
    ),
    Layout(
        "cz",
        ";+ěščřžýáíé=´qwertzuiopú)asdfghjklů§¨\\yxcvbnm,.-",
        "°1234567890%ˇQWERTZUIOP/(ASDFGHJKL\"!'|YXCVBNM?:_",
        "`!@#$%^&*{}\\ \\|€¶ŧ←↓→øþ[]~đĐ[]`'łŁ$'\\/°#&@{}^<>*",
    ),
    Layout(
        "hu",
        "0123456789öüóqwertzuiopőúasdfghjkléáűíyxcvbnm,.-",
        "§'\"+!%/=()ÖÜÓQWERTZUIOPŐÚASDFGHJKLÉÁŰÍYXCVBNM?:_",
        "¬~ˇ^ ° ` ´ ¨¸\\|Ä¶ŧ–€Í„”÷×äđĐ[]ħíłŁ$ß¤<>#&@{}<;>*",
    ),
    Layout(
        "tr",
        '"1234567890*-qwertyuıopğüasdfghjklşi,<zxcvbnmöç.',
        "é!'^+%&/()=?_QWERTYUIOPĞÜASDFGHJKLŞİ;>ZXCVBNMÖÇ:",
        "<>£#$½¾{[]}\\|@ €¶₺←ûîô ¨~âß ª     ´'`|«»¢„“”µ×· ",
    ),
    Layout(
        "latam",
        "|1234567890'¿qwertyuiop´+asdfghjklñ{}<zxcvbnm,.-",
        '°!"#$%&/()=?¡QWERTYUIOP¨*ASDFGHJKLÑ[]>ZXCVBNM;:_',
        "¬|@·~½¬{[]}\\¸@ſ€¶ŧ←↓→øþ¨~æßðđŋħ ĸł~^`\\«»¢„“”µ•· ",
    ),
    Layout(
        "ca",
        "#1234567890-=qwertyuiop^¸asdfghjkl;`<«zxcvbnm,.é",
        "|!\"/$%?&*()_+QWERTYUIOP^¨ASDFGHJKL:`>»ZXCVBNM'.É",
        "\\±@£¢¤¬¦²³¼½¾        §¶[]         ~{}°      µ¯ ´",
    ),
    Layout(
        "us:dvorak",
        "`1234567890[]',.pyfgcrl/=aoeuidhtns-\\<;qjkxbmwvz",
        '~!@#$%^&*(){}"<>PYFGCRL?+AOEUIDHTNS_|>:QJKXBMWVZ',
        "`     ^  `  ~´¸                      |          ",
    ),
    Layout(
        "us:colemak",
        "`1234567890-=qwfpgjluy;[]arstdhneio'\\-zxcvbkm,./",
        '~!@#$%^&*()_+QWFPGJLUY:{}ARSTDHNEIO"|_ZXCVBKM<>?',
        "~¡ºª¢€ħðþ‘’–×äåãø đłúüö«»á`ß´¨ˇñéíóõ~–æ^çœ ° ¸ ¿",
    ),
    Layout(
        "ru",
        "ё1234567890-=йцукенгшщзхъфывапролджэ\\/ячсмитьбю.",
        'Ё!"№;%:?*()_+ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭ/|ЯЧСМИТЬБЮ,',
        "        ₽                            |          ",
    ),
    Layout(
        "ua",
        "'1234567890-=йцукенгшщзхїфівапролджєґ/ячсмитьбю.",
        'ʼ!"№;%:?*()_+ЙЦУКЕНГШЩЗХЇФІВАПРОЛДЖЄҐ|ЯЧСМИТЬБЮ,',
        "́¹²§$°<>•[]—≠јџў®ёњ     ъ ы     љђ э\\| ћ©  ™ «»/",
    ),
    Layout(
        "gr",
        "`1234567890-=;ςερτυθιοπ[]ασδφγηξκλ´'\\«ζχψωβνμ,./",
        '~!@#$%^&*()_+:ΣΕΡΤΥΘΙΟΠ{}ΑΣΔΦΓΗΞΚΛ¨"|»ΖΧΨΩΒΝΜ<>?',
        "  ½£¼€ϰϗ₯ °± ·ϛ€® ϒϑͻ ϡ~   ↓ϕϝ ͼϟϲ´` |ͽ→©ϖϐʹϻ«» ",
    ),
)
"""Those met first come first, until keys tell otherwise."""

US = dict(zip(KEY_CODES, LAYOUTS[0].plain, strict=True))
"""The key under the finger in the layout that programs' shortcuts were made for."""
del US[94]  # it is not on a US keyboard


class LayoutGuess:
    """Remembers which layouts agree with the keys typed so far."""

    def __init__(self) -> None:
        self._likely = list(_indexes())
        self.changes = 0
        """How often a key told something new: as long as this stays, each key that was asked for gets the same answer."""

    def unshifted(self, code: int, character: str, *, is_shifted: bool) -> str:
        """What the key `code` makes without Shift and AltGr, given that it made `character` with or without Shift.

        "" if no layout knows. Layouts that know the key move to the front, in the order they had: what is typed
        with a Spanish keyboard soon rules out the German one.
        """
        place = code, character, is_shifted
        knows = [place in made for made in self._likely]
        if knows != sorted(knows, reverse=True):
            self._likely.sort(key=lambda made: place not in made)
            self.changes += 1
        return self._likely[0].get(place, "")


@cache
def _indexes() -> tuple[dict[tuple[int, str, bool], str], ...]:
    """For each layout, what a key makes by itself, by its number and what it made with or without Shift."""
    return tuple(
        {
            (code, character, is_shifted): plain
            for level, is_shifted in ((layout.altgr, False), (layout.shift, True), (layout.plain, False))
            for code, character, plain in zip(KEY_CODES, level, layout.plain, strict=True)
            if NOTHING not in (character, plain)
        }
        for layout in LAYOUTS
    )
