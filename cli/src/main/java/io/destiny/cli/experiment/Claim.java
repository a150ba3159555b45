package io.destiny.cli.experiment;

/**
 * A sentence of the paper, held against what an experiment gave.
 *
 * @param id the experiment's id and a number
 * @param panel the part of the figure it is tested on
 * @param statement the claim in our words, and where the paper makes it
 * @param measure what was taken for it
 * @param expected what the measure must be
 * @param value what it is
 * @param pass whether the value is as expected
 */
public record Claim(
    String id,
    String panel,
    String statement,
    String measure,
    String expected,
    double value,
    boolean pass) {

  /** A claim that the value is not below a bound. */
  static Claim atLeast(
      String id, String panel, String statement, String measure, double bound, double value) {
    return new Claim(id, panel, statement, measure, "at least " + bound, value, value >= bound);
  }

  /** A claim of order alone: a ratio above 1. */
  static Claim aboveOne(String id, String panel, String statement, String measure, double value) {
    return new Claim(id, panel, statement, measure, "above 1", value, value > 1);
  }
}
