/** Identifiers, digests, commands, batches and quorum arithmetic. */
@NullMarked
package io.destiny.core.model;

import org.jspecify.annotations.NullMarked;
