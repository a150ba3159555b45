/** Data-driven interaction scripts: transcripts that a person can read and a machine can check. */
@NullMarked
package io.destiny.sim.script;

import org.jspecify.annotations.NullMarked;
