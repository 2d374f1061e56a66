"""Message text, reduced at load to its length and two flags; the text itself is never stored."""

from __future__ import annotations

# Headers of a column that holds the text of messages, in the spelling mapping.normalise gives.
TEXT_HEADERS = ("text", "content", "message", "body", "内容", "消息内容", "文本")
# Words that ask where no question mark does. 么 alone is no question (那么, 这么), 吗 is.
QUESTION = (
    "[?？]|吗|(什么|怎么|为什么|多少|几点|哪里|哪儿|哪个|哪款|谁|如何|是否|有没有|是不是|能不能|可不可以|要不要|好不好)"
    "|呢[。.!！~～]*$|(?i:^(who|what|when|where|why|how|which|can|could|does|do|did|is|are|will|would|should)\\b)"
)
# Pictographs with their joiners, selectors and skin tones, blanks, and the named ones of chat apps: [微笑],
# :smile:
EMOJI_ONLY = (
    "(\\p{So}|\\p{Sk}|\\p{Cs}|[\\x{200d}\\x{fe0f}\\x{20e3}\\x{fe0e}\\x{203c}\\x{2049}\\s]"
    "|[0-9#*]\\x{fe0f}?\\x{20e3}|\\[[^\\[\\]]{1,8}\\]|:[a-z0-9_+-]+:)+"
)


def reduced_text(column: str) -> dict[str, str]:
    """SQL of the canonical columns that come out of a reader's text column; NULL where the cell is empty."""
    text = f"nullif(trim({column}), '')"
    return {
        "text_length": f"length_grapheme({text})",
        "is_question": f"regexp_matches({text}, '{QUESTION}')",
        "is_emoji_only": f"regexp_full_match({text}, '{EMOJI_ONLY}')",
    }
