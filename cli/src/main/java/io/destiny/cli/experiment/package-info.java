/**
 * The experiments of the paper (experiments.md §4): what each computes, what it claims, and how its
 * figure is drawn.
 */
@NullMarked
package io.destiny.cli.experiment;

import org.jspecify.annotations.NullMarked;
