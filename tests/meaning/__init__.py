"""The contract's meaning, sentence by sentence, each on a scenario that one can solve on paper."""
