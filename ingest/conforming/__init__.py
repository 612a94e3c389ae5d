"""How raw cells conform: typed values, pseudonyms for persons, one record for each key; and what does not, with why."""
