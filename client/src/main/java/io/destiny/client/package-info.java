/** The client library: asynchronous API, proof verification, receipts. */
@NullMarked
package io.destiny.client;

import org.jspecify.annotations.NullMarked;
