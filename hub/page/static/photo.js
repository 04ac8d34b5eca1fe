// A photo of a card, small enough to send at once over a slow network, large enough to read every mark.

const LONGEST = 2000; // Pixels of the longer side.
const QUALITY = 0.9;

/** A photo as the camera made it, as a JPEG no larger than needed; itself where the browser cannot shrink it. */
export async function small(file) {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    return await new Promise((resolve, reject) =>
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/jpeg", QUALITY),
    );
  } catch {
    return file;
  }
}
