"""English words that carry no meaning of their own: not searched for, and no part of a label."""

from __future__ import annotations

STOPWORDS = frozenset(
    "a about after all also am an and any are as at be because been before being but by can could did do does doing "
    "don't for from get had has have having he her here hers him his how i i'm if in into is it it's its just like me "
    "more most my no nor not of on one or other our ours out over own said say says she should so some such than that "
    "that's the their theirs them then there these they thing things this those through to too under until up us very "
    "was we were what when where which while who whom why will with would you your yours".split()
)
# What people say all the time when they talk of their work: searched for, but no part of a label.
CHATTER = frozenset(
    "able across actually almost alone along already although always among another anything anyway around ask "
    "asked away back basically believe best better big bigger biggest bit bring business call called cannot "
    "change changed clear come comes coming companies company couple course day days definitely different doing "
    "done down early else end ended especially even eventually ever every everybody everyone everything exactly "
    "example fact feel feeling felt figure figured figuring find finding first five found four full general "
    "getting give given goes going gone gonna good got gotta great ground guess half happen happened happening "
    "hard having head hear heard here hey honestly hour hours i'd i'll i've idea ideas important including inside "
    "instead interesting involved job keep kind kinda kinds knew know known last later least left let let's level "
    "life like literally little live long look looking lot lots made main make makes making many matter maybe "
    "mean means might mind minute moment month months move much must need never new nice nothing obviously often "
    "okay once open opposed order outside part particular parts past people person place places play point "
    "possible pretty probably problem put question quite ready real really reason remember rest right room run "
    "running said saw saying second see seen sense set since small somebody someone something sometimes sort "
    "spend spent spot stand start started stay still stop story stuff suddenly super supposed sure take taken "
    "takes talk talking tell that'd that'll themselves there's they'd they'll they're they've thing think "
    "thinking third thought three time times today together told took totally towards tried truly try trying turn "
    "two ultimately understand unless use used using usually wait wanna want wanted wants watch way ways we'd "
    "we'll we're we've week well went what's whatever wherever whether whoever whole within without wonder word "
    "words work worked working works world wrong yeah year years yes yet you'd you'll you're you've yourself".split()
)
