/** The contract between a consensus engine and the composer that runs many of them. */
@NullMarked
package io.destiny.core.engine;

import org.jspecify.annotations.NullMarked;
