/** The client port: takes requests, checks their signatures, brings replies back. */
@NullMarked
package io.destiny.node.gateway;

import org.jspecify.annotations.NullMarked;
