"""The intent model: trained alike from the same texts, sure in step with its evidence, kept as one file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import InvalidInput, Misconfigured
from shared.understanding.calibration import deal_folds, deal_kin, hold_out
from shared.understanding.intents import confidences, load_model, novelty, save_model, weigh_text
from shared.understanding.separation import extract_all, read_corpus, separate
from shared.understanding.taxonomy import INTENTS_FOLDER, load_taxonomy, read_taxonomy, read_utterances
from shared.understanding.training import SHIPPED_BYTES, shrink, train
from shared.understanding.understand import shipped_model, understand

THINGS = ("bike", "lamp", "boat", "tent", "drum", "cake", "rope", "desk")


def any_examples() -> list[tuple[str, str]]:
    return [
        *((f"please repair my {thing}", "repair") for thing in THINGS),
        *((f"I want to sell my old {thing}", "sell") for thing in THINGS),
        *((f"how heavy is the {thing}", "weight") for thing in THINGS),
    ]


def test_a_trained_model_survives_its_file() -> None:
    model = train(any_examples())
    copy = load_model(save_model(model))
    text = "can you repair a lamp"
    assert copy.labels == ("repair", "sell", "weight")
    assert np.array_equal(weigh_text(copy, text).margins, weigh_text(model, text).margins)


def test_training_twice_gives_the_same_bytes() -> None:
    assert save_model(train(any_examples())) == save_model(train(any_examples()))


def test_a_companys_own_labels_answer_in_place_of_the_intents() -> None:
    found = understand("would you repair this desk", own_labels=train(any_examples()))
    assert found.intent == "repair"
    assert found.category in load_taxonomy().categories


def test_a_text_unlike_all_examples_is_more_novel() -> None:
    model = train(any_examples())
    near, far = (weigh_text(model, text) for text in ("please repair my tent", "nobody expects purple thunder"))
    assert novelty(near, model.calibration) < novelty(far, model.calibration)


def test_one_label_is_too_few_to_train_on() -> None:
    with pytest.raises(InvalidInput, match="too few labels"):
        train([("a", "only"), ("b", "only")])


def test_one_text_of_each_label_is_too_few_to_learn_doubt_from() -> None:
    with pytest.raises(InvalidInput, match="too few examples"):
        train([("a boat", "first"), ("a tree", "second")])


def test_labels_that_are_never_mistaken_are_named_without_doubt() -> None:
    found = understand("please repair my tent", own_labels=train(any_examples()))
    assert found.confidence > 0.85


@given(st.floats(-2, 2), st.floats(0.01, 1))
@settings(deadline=None)
def test_a_label_is_surer_the_stronger_its_own_evidence(margin: float, more: float) -> None:
    model = shipped_model()
    evidence = weigh_text(model, "where is my order")
    weak, strong = evidence.margins.copy(), evidence.margins.copy()
    weak[3], strong[3] = margin, margin + more
    sure = [confidences(replace(evidence, margins=each), model.calibration)[3] for each in (weak, strong)]
    assert 0 <= sure[0] <= sure[1] <= 1


def test_a_file_that_is_no_model_is_named_as_such() -> None:
    with pytest.raises(Misconfigured, match="supportmax train"):
        load_model(b"not a model")


def test_shrinking_stops_at_the_wanted_size() -> None:
    model = train(any_examples())
    size = len(save_model(model))
    assert len(save_model(shrink(model, size - 100))) <= size - 100


def test_the_shipped_model_has_every_intent_and_is_small() -> None:
    assert set(shipped_model().labels) == set(load_taxonomy().intents)
    assert (INTENTS_FOLDER / "model.npz").stat().st_size <= SHIPPED_BYTES


def test_the_shipped_model_is_what_its_recipe_makes() -> None:
    """Trained anew on three quarters, it names the last quarter about as often as the recipe promises."""
    taxonomy = load_taxonomy()
    examples, background = read_utterances(INTENTS_FOLDER, taxonomy)
    corpus = read_corpus(examples, background, taxonomy.category_of(), taxonomy.categories)
    blocks = extract_all(corpus)
    fold = next(deal_folds(corpus))
    separator = separate([blocks[row] for row in fold.training], corpus.targets[fold.training], corpus, 2)
    asked = [row for row in fold.test if corpus.targets[row] in separator.known]
    right = [separator.known[separator.hear(blocks[row]).margins.argmax()] == corpus.targets[row] for row in asked]
    assert np.mean(right) > 0.5
    assert {text for text, _ in examples}.isdisjoint(background)
    learnt = [understand(text).intent == label for text, label in examples[::25]]
    assert np.mean(learnt) > 0.95


def test_texts_alike_are_held_out_together() -> None:
    corpus = read_corpus(any_examples(), [], {}, ())
    dealt = list(deal_kin(corpus, extract_all(corpus)))
    assert sorted(row for fold in dealt for row in fold.test) == list(range(len(corpus.targets)))
    twins = read_corpus(
        [("red boat", "a"), ("red boats", "a"), ("tall tree", "a"), ("tall trees", "a"), ("x", "b")], [], {}, ()
    )
    tests = [set(fold.test) for fold in deal_kin(twins, extract_all(twins))]
    assert any({0, 1} <= test for test in tests)
    assert any({2, 3} <= test for test in tests)


def test_what_is_sure_enough_to_act_on_is_mostly_right_even_in_strange_wordings() -> None:
    """Held out of training with everything like it, as a stranger's words are."""
    taxonomy = load_taxonomy()
    examples, background = read_utterances(INTENTS_FOLDER, taxonomy)
    corpus = read_corpus(examples, background, taxonomy.category_of(), taxonomy.categories)
    blocks = extract_all(corpus)
    rows = hold_out(corpus, blocks, next(deal_kin(corpus, blocks)), 2)
    calibration = shipped_model().calibration
    said = [(confidences(row.evidence, calibration).max(), row) for row in rows if row.target >= 0]
    right = [row.columns[row.evidence.margins.argmax()] == row.target for sure, row in said if sure >= 0.8]
    assert len(right) >= 10
    assert np.mean(right) >= 0.7


def test_an_intent_of_an_unknown_category_is_refused() -> None:
    with pytest.raises(Misconfigured, match="lost"):
        read_taxonomy('background = "x"\n[categories]\na = "b"\n[intents]\nlost = {category = "c", priority = "P3"}')
