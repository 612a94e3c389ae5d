"""Every code has a name in two languages and a meaning."""

from ingest.glossary import read_vocabulary
from ingest.reason import ADVICE


def test_every_code_says_three_different_things_of_itself():
    rows = read_vocabulary()
    assert rows.null_count().sum_horizontal().item() == 0
    assert rows.select("column_name", "code").is_unique().all()
    for (column,), codes in rows.group_by("column_name"):
        assert codes["name_zh"].is_unique().all(), column


def test_every_reason_to_refuse_a_file_is_in_the_vocabulary():
    assert set(read_vocabulary().filter(column_name="reason")["code"]) == ADVICE.keys()
