"""What a department delivers, written as a Frictionless Table Schema with the hub's additions (`hub`).

`model` is a contract as Python holds it, `parsing` reads and checks the JSON, `defaults` are the contracts the four
departments start with, `checks` compiles one to SQL, `inverse` goes back from roster columns to the department's own
headings, `differences` says in words what a new version changes.
"""
