package org.mockito;

/** Mock libraries are banned from the build; the rule against them is tried on this. */
public final class StandIn {}
