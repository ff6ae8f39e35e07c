"""The office's matters (P01–P13, P19, P21): what units apply for, how it is decided, and what the decision does.

A matter is declared in `matters.definitions`; its form, papers, clock, approvers and flow are data an administrator
may change for new cases (`MatterVersion`). The engine below knows none of it (`matters.flow` answers it).
"""
