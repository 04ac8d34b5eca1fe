// The camera of this device, live. Browsers give it to pages from this machine (http://localhost) and over HTTPS alone.

const WISH = { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } };
const QUALITY = 0.92;

export class Camera {
  constructor(video) {
    this.video = video;
  }

  /** Whether this browser may give a page a camera at all. */
  static get possible() {
    return Boolean(navigator.mediaDevices?.getUserMedia);
  }

  get isOpen() {
    return Boolean(this.video.srcObject);
  }

  /** Shows what the camera sees; throws when nobody may have it. */
  async open() {
    this.video.srcObject = await navigator.mediaDevices.getUserMedia({ video: WISH });
    await this.video.play();
  }

  close() {
    for (const track of this.video.srcObject?.getTracks() ?? []) track.stop();
    this.video.srcObject = null;
  }

  /** What it sees at this moment, as a JPEG. */
  async frame() {
    const canvas = document.createElement("canvas");
    canvas.width = this.video.videoWidth;
    canvas.height = this.video.videoHeight;
    canvas.getContext("2d").drawImage(this.video, 0, 0);
    return new Promise((resolve, reject) =>
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/jpeg", QUALITY),
    );
  }
}
