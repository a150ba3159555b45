package io.destiny.sim.script;

/** A script that cannot go on: a wrong directive, or one that does not apply. */
public final class ScriptFailure extends RuntimeException {
  public ScriptFailure(String what) {
    super(what);
  }
}
