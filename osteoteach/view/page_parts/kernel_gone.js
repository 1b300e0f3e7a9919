// Part of pages and questions: tells when the kernel that holds their objects is gone, or
// another is in its place.

// A restart by JupyterLab's own button is a status. Of one in another window JupyterLab may
// hear that a kernel begins (and then it waits for it for ever), or nothing: then the first
// message of the new kernel tells, because its session is another. A kernel in the browser
// signs with the session of whoever asked, so such a message says nothing.
function whenGone(kernel, signal, tell) {
  let session = null;
  const gone = () => {
    stop();
    tell();
  };
  const onStatus = (_, status) => {
    if (/dead|restarting|starting|terminating/.test(status)) gone();
  };
  const onMessage = (_, { msg, direction }) => {
    if (direction !== "recv") return;
    const said = msg.header.session;
    if (said === msg.parent_header?.session) return;
    session ??= said;
    if (said !== session) gone();
  };
  const stop = () => {
    kernel.statusChanged.disconnect(onStatus);
    kernel.anyMessage.disconnect(onMessage);
  };
  kernel.statusChanged.connect(onStatus);
  kernel.anyMessage.connect(onMessage);
  signal?.addEventListener("abort", stop);
}
