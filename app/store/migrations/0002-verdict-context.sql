-- What a verdict was decided from, for replay. Null for verdicts of before: they are decided again at the next full look.
alter table conductor.verdicts add column context text;
