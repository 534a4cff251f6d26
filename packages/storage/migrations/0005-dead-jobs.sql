-- Each worker counts the dead jobs each minute: they are few among many finished ones.
create index outbox_dead on outbox (id) where state = 'dead';
