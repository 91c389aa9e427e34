-- From now on `charged_on` is empty once a charge came back; until now every failed reply was refunded.
update messages set charged_on = null where status = 'failed' and charged_on is not null;
