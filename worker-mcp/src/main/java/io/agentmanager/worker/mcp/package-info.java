/** Offers the tools of Model Context Protocol servers to agents. */
@NullMarked
package io.agentmanager.worker.mcp;

import org.jspecify.annotations.NullMarked;
