/** The wiring of a replica, and the key-value state machine that ships. */
@NullMarked
package io.destiny.server;

import org.jspecify.annotations.NullMarked;
