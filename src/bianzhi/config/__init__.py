"""Composition root: settings, urls, wsgi and the subscriptions of outbox events. Nothing imports it."""
