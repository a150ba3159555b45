/** The contract between a protocol and its driver: inputs, effects, steps. */
@NullMarked
package io.destiny.core.machine;

import org.jspecify.annotations.NullMarked;
