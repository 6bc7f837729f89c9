"""A form is read as urllib reads it, whatever stands in it."""

from urllib.parse import parse_qsl, urlencode

from hypothesis import given
from hypothesis import strategies as st

from handlers.web import read_form


@given(st.text(alphabet=st.sampled_from("ab&=+%2F7e é;\x00"), max_size=40))
def test_any_text_is_read_as_urllib_reads_it(text: str) -> None:
    assert read_form(text) == dict(parse_qsl(text, keep_blank_values=True))


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_what_was_encoded_is_what_is_read(fields: dict[str, str]) -> None:
    assert read_form(urlencode(fields)) == fields
