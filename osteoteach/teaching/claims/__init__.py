"""Claims about reversing bone loss: what is said, what holds, and where a text says it.

`claims` lists the claim base (``data/claims.csv``), `check_claim` finds the claims that one
sentence makes, `check_article` goes through a whole text. Nothing here judges a sentence
that the base does not hold: that one is said to be not matched.
"""

from osteoteach.teaching.claims.article import ArticleCheck, SentenceCheck, check_article
from osteoteach.teaching.claims.base import VERDICT_WORDS, Claim, claim, claims, topics
from osteoteach.teaching.claims.evidence import Evidence
from osteoteach.teaching.claims.matching import Match, check_claim

__all__ = ["VERDICT_WORDS", "ArticleCheck", "Claim", "Evidence", "Match", "SentenceCheck",
           "check_article", "check_claim", "claim", "claims", "topics"]
