/** What an embedder implements: the replicated state machine, its snapshots and their chunks. */
@NullMarked
package io.destiny.core.app;

import org.jspecify.annotations.NullMarked;
