/** What an operator sees: counters, health and status over HTTP. */
@NullMarked
package io.destiny.node.metrics;

import org.jspecify.annotations.NullMarked;
