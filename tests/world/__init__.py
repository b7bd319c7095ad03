"""The surroundings of the tests: emulated AWS, a home folder, a terminal; all of it real.

cloud.py      ministack and moto as `Cloud`s that refuse
strict.py     a gateway with AWS's own limits, a record of every STS call, and doors to failure
console.py    AWS's sign-in to its console, that checks sessions
company.py    users, roles, buckets and MFA devices on them
home.py       a home folder, and the real commands run in it
bearer.py     roles for the bearers of tokens
browser.py    a browser without a screen, that fills in forms
issuer.py     an OpenID Connect provider, strict about its clients
proofs.py     what AWS checks of tokens and SAML responses
saml.py       signed SAML responses
modelled.py   services that botocore's models vouch for
grants.py     an OAuth server's memory, by the RFCs
identity_center.py  an IAM Identity Center, with doors, on these two
node_world.py real identity providers, in Node
terminal.py   a real pty with a screen that can be read
fixtures.py   the fixtures that tests ask for
"""
