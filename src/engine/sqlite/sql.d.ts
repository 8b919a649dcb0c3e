// Migrations are imported as text, so that the compiled executable contains them.

declare module "*.sql" {
  const text: string;
  export default text;
}
